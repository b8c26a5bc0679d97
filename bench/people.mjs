// Benchmark people, the same for the same arguments: node people.mjs COUNT sequential|random [BAD_EVERY] > FILE.csv
// 'random' gives the addresses an order that no index likes, as real files have.
// Of every BAD_EVERY people one has an address that is none.
const [count, order, badEvery] = [Number(process.argv[2]), process.argv[3] ?? 'random', Number(process.argv[4] ?? 0)];
let state = 0x9e3779b9;
const next = () => {
  // xorshift32
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return state >>> 0;
};
const row = (i) =>
  badEvery > 0 && i % badEvery === badEvery - 1
    ? `User Number ${i},no address\n`
    : order === 'random'
      ? `User Number ${i},${next().toString(36)}${i.toString(36)}@example${i % 997}.com\n`
      : `User Number ${i},user${String(i).padStart(9, '0')}@example.com\n`;
const out = process.stdout;
out.write('name,email\n');
for (let i = 0; i < count;) {
  let chunk = '';
  for (; i < count && chunk.length < 1 << 18; i++) chunk += row(i);
  if (!out.write(chunk)) await new Promise((resolve) => out.once('drain', resolve));
}
