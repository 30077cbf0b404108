// prefixes: which prefixes and lengths a regular expression of libphonenumber's metadata stands for. It is read into a
// graph of states, one a digit; where all digits that may follow are free, a prefix ends. Exact, since these expressions
// have no repetition without end.

/** Reads digits, classes, \d, groups, "|", "?", {n} and {m,n}. */
function parse(text) {
	let at = 0;
	const expect = (sign) => {
		if (text[at++] !== sign) throw new Error(`found no "${sign}" at ${at} in ${text}`);
	};
	const atom = () => {
		if (text[at] === '(') {
			at += text.startsWith('(?:', at) ? 3 : 1;
			const inner = alternatives();
			expect(')');
			return inner;
		}
		const found = /^(?:\\d|\d|\[[\d-]+\])/.exec(text.slice(at));
		if (!found) throw new Error(`found "${text.slice(at)}", which is not known, in ${text}`);
		at += found[0].length;
		const one = new RegExp(`^${found[0]}$`);
		return { digits: [...'0123456789'].filter((digit) => one.test(digit)).map(Number) };
	};
	const repeated = () => {
		const of = atom();
		const count = /^(?:\?|\{(\d+)(?:,(\d+))?\})/.exec(text.slice(at));
		if (!count) return of;
		at += count[0].length;
		if (count[0] === '?') return { of, least: 0, most: 1 };
		return { of, least: Number(count[1]), most: Number(count[2] ?? count[1]) };
	};
	const sequence = () => {
		const parts = [];
		while (at < text.length && text[at] !== '|' && text[at] !== ')') parts.push(repeated());
		return { parts };
	};
	const alternatives = () => {
		const all = [sequence()];
		while (text[at] === '|') {
			at++;
			all.push(sequence());
		}
		return { all };
	};
	const tree = alternatives();
	if (at !== text.length) throw new Error(`found "${text.slice(at)}" too much in ${text}`);
	return tree;
}

/** The states of the expression: from each, "free" leads on without a digit, "digits" with one of them to "to". */
function statesOf(tree) {
	const states = [];
	const add = () => states.push({ free: [] }) - 1;
	const build = (part, from) => {
		if (part.all) {
			const end = add();
			for (const one of part.all) states[build(one, from)].free.push(end);
			return end;
		}
		if (part.parts) {
			const start = add();
			states[from].free.push(start);
			return part.parts.reduce((at, one) => build(one, at), start);
		}
		if (part.of) {
			for (let i = 0; i < part.least; i++) from = build(part.of, from);
			const end = add();
			for (let i = part.least; i < part.most; i++) {
				states[from].free.push(end);
				from = build(part.of, from);
			}
			states[from].free.push(end);
			return end;
		}
		const here = add();
		const to = add();
		states[from].free.push(here);
		Object.assign(states[here], { digits: part.digits, to });
		return to;
	};
	const start = add();
	return { states, start, end: build(tree, start) };
}

/** The graph with one way for each digit. A node's "rest": the counts of any digits that may follow; null: which matter. */
function graphOf(tree) {
	const { states, start, end } = statesOf(tree);
	const known = new Map();
	const nodes = [];
	const reach = (from) => {
		const set = new Set(from);
		for (const state of set) for (const next of states[state].free) set.add(next);
		return set;
	};
	const shapes = new Map();
	const node = (set) => {
		const key = [...set].filter((s) => states[s].digits || s === end).sort((a, b) => a - b).join();
		if (!known.has(key)) known.set(key, make(set));
		return known.get(key);
	};
	const make = (set) => {
		const next = [];
		for (let digit = 0; digit < 10; digit++) {
			const to = [...set].filter((s) => states[s].digits?.includes(digit)).map((s) => states[s].to);
			next.push(to.length ? node(reach(to)) : -1);
		}
		const ends = set.has(end);
		const shape = `${ends} ${next}`;
		if (!shapes.has(shape)) shapes.set(shape, nodes.push({ ends, next, rest: restOf(ends, next) }) - 1);
		return shapes.get(shape);
	};
	const restOf = (ends, next) => {
		const here = ends ? [0] : [];
		if (next.some((to) => to !== next[0])) return null;
		if (next[0] < 0) return here;
		return nodes[next[0]].rest && [...here, ...nodes[next[0]].rest.map((n) => n + 1)];
	};
	return { nodes, root: node(reach([start])) };
}

/**
 * The ranges of prefixes, in order: from, to, and the lengths that whole numbers may have. Of these only the possible
 * ones are kept (all, if undefined).
 */
export function rangesOf(pattern, possible) {
	const { nodes, root } = graphOf(parse(pattern));
	const ranges = [];
	const add = (prefix, counts) => {
		const lengths = counts.map((n) => n + prefix.length).filter((n) => !possible || possible.includes(n));
		const last = ranges.at(-1);
		if (lengths.length === 0) return;
		if (last && last.to.length === prefix.length && Number(last.to) + 1 === Number(prefix) && `${last.lengths}` === `${lengths}`)
			last.to = prefix;
		else ranges.push({ from: prefix, to: prefix, lengths });
	};
	const walk = (at, prefix) => {
		const { ends, next, rest } = nodes[at];
		if (rest && prefix) return add(prefix, rest);
		if (ends) throw new Error(`${prefix} is a number and the beginning of others in ${pattern}`);
		next.forEach((to, digit) => to >= 0 && walk(to, prefix + digit));
	};
	walk(root, '');
	return ranges;
}
