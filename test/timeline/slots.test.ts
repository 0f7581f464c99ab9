import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Chain, type Link } from '../../src/timeline/chain.ts';
import { Slots } from '../../src/timeline/slots.ts';

const steps = fc.array(fc.tuple(fc.boolean(), fc.nat({ max: 30 })), { maxLength: 200 });

it('slots hold what a Map would', () => {
  fc.assert(
    fc.property(steps, fc.nat({ max: 8 }), (all, spare) => {
      const [slots, map] = [new Slots<number, object>(spare), new Map<number, object>()];
      for (const [isNew, key] of all) {
        const value = isNew ? {} : map.get(key);
        if (isNew && value !== undefined) {
          slots.set(key, value);
          map.set(key, value);
        } else if (value !== undefined) {
          slots.delete(key, {});
          slots.delete(key, value);
          map.delete(key);
        }
        expect(slots.get(key)).toBe(map.get(key));
        expect(slots.size).toBe(map.size);
      }
      expect(new Set(slots.values())).toEqual(new Set(map.values()));
    }),
  );
});

it('a chain holds what a Set would, in its order', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const [chain, links] = [new Chain<number>(), new Map<number, Link<number>>()];
      for (const [isNew, key] of all) {
        const link = links.get(key);
        if (isNew && link === undefined) links.set(key, chain.add(key));
        if (isNew || link === undefined) continue;
        chain.remove(link);
        links.delete(key);
      }
      expect([...chain]).toEqual([...links.keys()]);
      expect(chain.size).toBe(links.size);
    }),
  );
});

it('what a chain has just given can be taken out', () => {
  const chain = new Chain<string>();
  const links = new Map(['a', 'b', 'c'].map((name) => [name, chain.add(name)]));
  const seen: string[] = [];
  for (const name of chain) {
    seen.push(name);
    const link = links.get(name);
    if (link !== undefined) chain.remove(link);
  }
  expect([seen, [...chain]]).toEqual([['a', 'b', 'c'], []]);
});
