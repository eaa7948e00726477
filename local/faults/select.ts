import { NotPossible } from '../engines/install/progress';
import type { LinkPlan } from './plan';

/** A link by its name; an engine for all links that lead to it; `regions` for all between the two. */
function matches(link: LinkPlan, selector: string): boolean {
  if (selector === 'regions') return link.callee !== 'witness' && link.callee !== link.caller;
  return link.name === selector || link.engine === selector;
}

/** @throws NotPossible for a selector that selects nothing */
export function selectLinks<T extends LinkPlan>(links: readonly T[], selectors: readonly string[]): readonly T[] {
  if (links.length === 0) throw new NotPossible('This system has no links that could be cut: start it with --faults.');
  for (const selector of selectors) {
    if (links.some((link) => matches(link, selector))) continue;
    const engines = [...new Set(links.map(({ engine }) => engine))].join(', ');
    throw new NotPossible(
      `There is no link "${selector}". Name an engine (${engines}), \`regions\` for all between the two, ` +
        'or one link as `npm run local -- links` lists it.',
    );
  }
  return links.filter((link) => selectors.some((selector) => matches(link, selector)));
}
