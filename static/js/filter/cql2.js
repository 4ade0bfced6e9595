// CQL2 text as a tree of groups and tests, and back; what a builder cannot show stays as it was written.

import { ofDay, quoted } from "../core/conditions.js";

const TOKEN = /(\s+)|('(?:[^']|'')*')|("(?:[^"]|"")*")|([0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?)|([^\W\d][\w]*|[\p{L}_][\p{L}\p{N}_]*)|(<>|<=|>=|!=|[=<>+\-*/%^(),])/uy;
const KINDS = [null, "space", "string", "quoted", "number", "name", "op"];
const COMPARED = ["=", "<>", "<", "<=", ">", ">="];

export class Unreadable extends Error {
  constructor(key, at) {
    super(key);
    this.key = key;
    this.at = at;
  }
}

export const group = (op, items, not = false) => ({ kind: "group", op, not, items });
export const test = (field, op, values = [], not = false) => ({ kind: "test", field, op, values, not });

// The tree of a text: always a group. Raises Unreadable with the place of what no CQL2 can hold.
export function read(text) {
  const reader = new Reader(text ?? "");
  if (!reader.tokens.length) return group("and", []);
  const found = reader.either();
  return found.kind === "group" && !found.not ? found : group("and", [found]);
}

export function write(tree) {
  const parts = tree.items.map((item) => [item, item.kind === "group" ? write(item) : item.kind === "text" ? item.cql : words(item)]).filter(([, said]) => said);
  if (!parts.length) return "";
  const alone = parts.length === 1 && !tree.not;
  const said = parts.map(([item, part]) => (alone || (item.kind === "group" && item.not) || bare(item) ? part : `(${part})`)).join(` ${tree.op.toUpperCase()} `);
  return tree.not ? `NOT (${said})` : said;
}

// What needs no brackets beside an AND or OR; a group of one thing needs those that the thing does.
const bare = (item) => item.kind === "test" || (item.kind === "group" && item.items.length < 2 && item.items.every(bare));

// Every leaf of a tree that is a test.
export const tests = (tree) => tree.items.flatMap((item) => (item.kind === "group" ? tests(item) : item.kind === "test" ? [item] : []));

function words({ field, op, values, not }) {
  const said = Array.from(values, literal); // one that is still to be said leaves a hole
  const no = not ? "NOT " : "";
  if (op === "null") return `${field} IS ${no}NULL`;
  if (said.some((value) => value === null) || said.length < (op === "between" ? 2 : 1)) return "";
  if (op === "in") return said.length === 1 && !not ? `${field} = ${said[0]}` : `${field} ${no}IN (${said.join(", ")})`;
  if (op === "between") return `${field} ${no}BETWEEN ${said[0]} AND ${said[1]}`;
  if (op === "has") return `${not ? "NOT " : ""}CASEI(${field}) LIKE CASEI(${quoted(`%${values[0].replace(/[\\%_]/g, "\\$&")}%`)})`;
  if (op === "like") return `${field} ${no}LIKE ${said[0]}`;
  return `${field} ${op} ${said[0]}`;
}

function literal(value) {
  if (value === null || value === undefined) return null;
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : null;
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  return typeof value === "object" ? ofDay(value.date) : quoted(value);
}

class Reader {
  #at = 0;

  constructor(text) {
    this.text = text;
    this.tokens = tokens(text);
  }

  either() {
    return this.#joined("or", () => this.#joined("and", () => this.#one()));
  }

  #joined(op, next) {
    const items = [next()];
    while (this.#take(op)) items.push(next());
    return items.length === 1 ? items[0] : group(op, items);
  }

  #one() {
    const start = this.#at;
    try {
      return this.#plain();
    } catch (error) {
      if (!(error instanceof Unreadable) || error.key !== "filter.error.opaque") throw error;
      this.#at = start;
      return this.#opaque();
    }
  }

  #plain() {
    if (this.#take("not")) {
      const inner = this.#one();
      if (inner.kind === "text") return { kind: "text", cql: `NOT (${inner.cql})` };
      return inner.kind === "group" ? { ...inner, not: !inner.not } : flip(inner);
    }
    if (this.#word() === "(") return this.#bracket();
    return this.#test();
  }

  #bracket() {
    const start = this.#at;
    this.#at += 1;
    const found = this.either();
    if (!this.#take(")") || !ends(this.#word())) {
      this.#at = start;
      throw new Unreadable("filter.error.opaque", 0);
    }
    return found.kind === "group" ? found : group("and", [found]);
  }

  #test() {
    const folded = this.#word() === "casei";
    if (folded) this.#expect("casei", "(");
    const field = this.#name();
    if (folded) this.#expect(")", "like", "casei", "(");
    const made = folded ? this.#has(field) : this.#condition(field);
    if (!ends(this.#word())) throw new Unreadable("filter.error.opaque", 0);
    return made;
  }

  #has(field) {
    const pattern = this.#value();
    this.#expect(")");
    const inside = typeof pattern === "string" ? /^%((?:[^%_\\]|\\.)*)%$/su.exec(pattern) : null;
    if (!inside) throw new Unreadable("filter.error.opaque", 0);
    return test(field, "has", [inside[1].replace(/\\(.)/gsu, "$1")]);
  }

  #condition(field) {
    const op = this.#word() === "!=" ? "<>" : this.#word();
    if (COMPARED.includes(op)) {
      this.#at += 1;
      return test(field, op, [this.#value()]);
    }
    if (this.#take("is")) {
      const not = this.#take("not");
      this.#expect("null");
      return test(field, "null", [], not);
    }
    const not = this.#take("not");
    if (this.#take("like")) return test(field, "like", [this.#value()], not);
    if (this.#take("in")) return test(field, "in", this.#list(), not);
    if (this.#take("between")) {
      const low = this.#value();
      this.#expect("and");
      return test(field, "between", [low, this.#value()], not);
    }
    if (!not && ends(op)) return test(field, "=", [true]);
    throw new Unreadable("filter.error.opaque", 0);
  }

  #list() {
    this.#expect("(");
    const values = [this.#value()];
    while (this.#take(",")) values.push(this.#value());
    this.#expect(")");
    return values;
  }

  #value() {
    const sign = this.#take("-") ? -1 : 1;
    const token = this.#token();
    this.#at += 1;
    if (token?.kind === "number" && exact(token.text)) return sign * Number(token.text);
    if (sign === 1 && token?.kind === "string") return token.text.slice(1, -1).replaceAll("''", "'");
    if (sign === 1 && ["true", "false"].includes(token?.word)) return token.word === "true";
    if (sign === 1 && token?.word === "date") {
      this.#expect("(");
      const date = this.#value();
      this.#expect(")");
      return { date };
    }
    throw new Unreadable("filter.error.opaque", 0);
  }

  #name() {
    const token = this.#token();
    const plain = token?.kind === "quoted" ? token.text.slice(1, -1) : token?.kind === "name" ? token.text : "";
    if (!/^[a-z][a-z0-9_]*$/.test(plain) || ["and", "or", "not"].includes(token.word)) throw new Unreadable("filter.error.opaque", 0);
    this.#at += 1;
    return plain;
  }

  // One condition as it was written: up to the next AND or OR outside of its brackets, the AND of a BETWEEN excepted.
  #opaque() {
    const first = this.#at;
    let depth = 0;
    let between = 0;
    for (; this.#at < this.tokens.length; this.#at += 1) {
      const word = this.#word();
      if (depth === 0 && (word === "or" || word === ")" || (word === "and" && between === 0))) break;
      if (depth === 0 && word === "and") between -= 1;
      if (depth === 0 && word === "between") between += 1;
      depth += (word === "(") - (word === ")");
    }
    if (this.#at === first) throw new Unreadable("filter.error.condition", this.#token()?.start ?? this.text.length);
    const last = this.tokens[this.#at - 1];
    return { kind: "text", cql: this.text.slice(this.tokens[first].start, last.start + last.text.length) };
  }

  #token() {
    return this.tokens[this.#at];
  }

  #word() {
    return this.#token()?.word;
  }

  #take(word) {
    if (this.#word() !== word) return false;
    this.#at += 1;
    return true;
  }

  #expect(...wanted) {
    for (const word of wanted) if (!this.#take(word)) throw new Unreadable("filter.error.opaque", 0);
  }
}

// Whole numbers beyond 2^53 would come back as others.
const exact = (text) => !/^\d+$/.test(text) || Number.isSafeInteger(Number(text));

const ends = (word) => word === undefined || ["and", "or", ")"].includes(word);

const OPPOSITE = { "=": "<>", "<>": "=" };

// NOT before one test: nulls match neither way, so the opposite test selects the same rows.
function flip(one) {
  if (one.kind === "test" && OPPOSITE[one.op]) return { ...one, op: OPPOSITE[one.op] };
  if (one.kind === "test" && ["in", "like", "has", "between", "null"].includes(one.op)) return { ...one, not: !one.not };
  return group("and", [one], true);
}

function tokens(text) {
  const found = [];
  const open = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match) throw new Unreadable(text[at] === "'" || text[at] === '"' ? "filter.error.quote" : "filter.error.sign", at);
    const kind = KINDS[match.findIndex((part, i) => i > 0 && part !== undefined)];
    if (match[0] === "(") open.push(at);
    if (match[0] === ")" && open.pop() === undefined) throw new Unreadable("filter.error.closed", at);
    if (kind !== "space") found.push({ kind, text: match[0], start: at, word: kind === "string" ? "" : match[0].toLowerCase() });
  }
  if (open.length) throw new Unreadable("filter.error.open", open.pop());
  return found;
}
