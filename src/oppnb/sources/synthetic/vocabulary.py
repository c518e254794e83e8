"""Words that names are made of. Nothing here is a real company or a real person."""

__all__ = [
    "BRANDS_EN",
    "BRANDS_ZH",
    "CITIES_ZH",
    "FAMILY_EN",
    "FAMILY_ZH",
    "FORMS_EN",
    "GIVEN_EN",
    "GIVEN_ZH",
    "TRADES_EN",
    "TRADES_ZH",
]

CITIES_ZH = ("云州", "临海", "江宁", "北辰", "南屏", "东岭", "西泽", "河阳", "海澄", "青浦", "白石", "长汀")
BRANDS_ZH = (
    "华曜", "启明", "瑞和", "恒泽", "天宸", "博远", "金禾", "星澜", "盛川", "德昌", "鸿益", "卓越",
    "晨光", "永嘉", "泰安", "新禾", "嘉禾", "明德", "凌云", "众信", "安捷", "百川", "诺德", "宏图",
)  # fmt: skip
TRADES_ZH = ("科技", "机械", "商贸", "医疗", "教育", "能源", "软件", "物流")
BRANDS_EN = (
    "Alder", "Birchmont", "Calder", "Dunmore", "Eastvale", "Fairholt", "Glenrow", "Harwick", "Ironbay", "Juniper",
    "Kestrel", "Larkfield", "Marlowe", "Northgate", "Oakhurst", "Pinecrest", "Quillon", "Redfern", "Stonebridge",
    "Ashcombe", "Brackley", "Coldwater", "Deepwell", "Elmsworth", "Foxglen",
    "Greyfriar", "Hollins", "Ivorsen", "Kingsmere", "Longacre", "Millbrae", "Netherby", "Overton", "Priestley",
    "Rookwood", "Thornby", "Underhill", "Valemont", "Westbrook", "Yarrow",
)  # fmt: skip
TRADES_EN = ("Systems", "Foods", "Tools", "Health", "Energy", "Textiles", "Freight", "Labs", "Optics", "Motors")
FORMS_EN = ("Ltd", "Inc.", "GmbH", "LLC")
FAMILY_ZH = ("王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙")
GIVEN_ZH = ("晓燕", "建国", "雨桐", "子涵", "志强", "思远", "文静", "浩然", "佳怡", "明辉", "欣悦", "俊杰")
FAMILY_EN = ("Archer", "Bennett", "Carver", "Dalton", "Ellis", "Foster", "Grant", "Hayes", "Irwin", "Keller")
GIVEN_EN = ("Amy", "Ben", "Clara", "David", "Emma", "Frank", "Grace", "Henry", "Iris", "Jack")
