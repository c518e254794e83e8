"""GB18030 or code page 1252? Decided by what each makes of the bytes that are not ASCII."""

import re

__all__ = ["guess_legacy"]

# The commonest characters of Chinese prose and of CRM exports. Bytes of Western text hardly ever fall on these.
_COMMON = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多"
    "经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性"
    "知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次"
    "度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建"
    "务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路"
    "记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运笔"
    "商机客户阶段金额负责人名称编号日期预计成交创建时间来源产品区域赢单输率联系电话邮箱地址公司有限股份集团华销售线索行业类型状态备注"
    "订合同回款报价需求方案谈判签约跟进记录省市县深圳上广州京杭苏宁武汉成都重庆天津李王张刘陈杨黄赵吴周徐孙胡朱高林何郭罗"
    "币元美欧港是否男女已未元万亿增续新老直渠道服务软件技术科技医疗制造教育零售物流银"
)
_OTHERS = ("cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r", "big5", "shift_jis", "euc_jp", "cp949")
_ENOUGH = 40
_HIGH_RUN = re.compile(r"[\x80-\uffff]+")


def guess_legacy(evidence: bytes) -> str:
    """Name the encoding of bytes that are not UTF-8.

    Parameters
    ----------
    evidence : bytes
        Lines that hold bytes beyond ASCII.

    Returns
    -------
    str
        `gb18030` or `cp1252`; where neither gives readable text, what charset-normalizer finds.

    Examples
    --------
    >>> guess_legacy("商机编号,客户".encode("gb18030")), guess_legacy("Müller,Café".encode("cp1252"))
    ('gb18030', 'cp1252')
    """
    chinese, western = _chinese_score(evidence), _western_score(evidence)
    if max(chinese, western) < 0.2:
        return _by_charset_normalizer(evidence) or ("gb18030" if chinese > western else "cp1252")
    return "gb18030" if chinese > western else "cp1252"


def _chinese_score(evidence: bytes) -> float:
    """How Chinese the bytes look as GB18030: 1 for common characters only, below 0 for nonsense."""
    text = evidence.decode("gb18030", errors="replace")
    letters = [letter for letter in text if ord(letter) > 127]
    return sum(map(_chinese_weight, letters)) / max(len(letters), 1)


def _chinese_weight(letter: str) -> float:
    if letter in _COMMON or "\u3000" <= letter <= "\u3011" or "\uff01" <= letter <= "\uff5e":
        return 1.0
    if letter == "\ufffd":
        return -3.0
    first = letter.encode("gb18030", errors="replace")[0]
    plain = len(letter.encode("gb18030")) == 2 and letter.encode("gb18030")[1] >= 0xA1
    if plain and 0xB0 <= first <= 0xD7:
        return 0.5
    if plain and first in (0xA1, 0xA3):
        return 0.5
    return -0.1 if plain else -0.7


def _western_score(evidence: bytes) -> float:
    """How Western the bytes look as code page 1252: 1 for accents inside words only, below 0 for nonsense."""
    text = evidence.decode("cp1252", errors="replace")
    score, n_high = 0.0, 0
    for match in _HIGH_RUN.finditer(text):
        run = match.group()
        before = text[match.start() - 1 : match.start()]
        after = text[match.end() : match.end() + 1]
        n_high += len(run)
        score += len(run) * _run_weight(run, before, after)
    return score / max(n_high, 1)


def _run_weight(run: str, before: str, after: str) -> float:
    if len(run) > 3 or "\ufffd" in run:
        return -1.0
    if not all(map(_is_western_letter, run)):
        # A sign such as €, £, ’ or – stands alone, or beside one letter with an accent.
        return 0.6 if len(run) == 1 else -0.4
    in_word = _is_ascii_letter(before) or _is_ascii_letter(after)
    if len(run) == 1:
        return 1.0 if in_word else 0.4
    upper_inside_lower = run[1:] != run[1:].lower() and (before.islower() or after.islower())
    return 0.6 if in_word and not upper_inside_lower else -0.5


def _is_western_letter(letter: str) -> bool:
    return letter.isalpha() and letter not in "ªºµƒ"


def _is_ascii_letter(letter: str) -> bool:
    return letter.isascii() and letter.isalpha()


def _by_charset_normalizer(evidence: bytes) -> str | None:
    from charset_normalizer import from_bytes

    if sum(byte > 127 for byte in evidence) < _ENOUGH:
        return None
    best = from_bytes(evidence, cp_isolation=list(_OTHERS)).best()
    return None if best is None else str(best.encoding)
