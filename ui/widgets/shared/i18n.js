// A function of key and values: the text that Python sent, with {name} filled.
export function translator(texts) {
  return (key, values) => {
    const text = texts[key];
    if (text === undefined) throw new Error(`no text for '${key}'`);
    return text.replace(/\{(\w+)\}/g, (whole, name) => (values && name in values ? String(values[name]) : whole));
  };
}
