import { isOver, levelsOf, type Look, rateOf, type Stage, stages } from '../counts.ts';
import { useShown, useWords } from '../language.ts';

/** What only holds things between two stages: queues, users, mail. */
const stores: readonly Stage[] = ['uploads', 'records', 'users', 'welcomes', 'mail'];

/** From here on there is nothing to do where no welcomes are wanted. */
const welcoming: readonly Stage[] = ['announce', 'welcomes', 'send-email', 'mail'];

/** The import as a picture of the flow, from the upload to the mail, with what is at each place and how fast it goes. */
export function Flow({ looks }: { readonly looks: readonly Look[] }) {
  const words = useWords().import;
  const shown = useShown();
  const view = looks.at(-1)?.view;
  if (!view) return null;
  const levels = levelsOf(view);
  const over = isOver(view);
  return (
    <ol class={over ? 'flow over' : 'flow'} aria-label={words.flow}>
      {stages.map((stage) => {
        const rate = over || (stores.includes(stage) && stage !== 'uploads') ? 0 : rateOf(looks, stage);
        const share = stage === 'uploads' ? shown.share(view.size > 0 ? levels.uploads / view.size : 1) : '';
        const unit = stage === 'uploads' ? words.units.uploads(share) : words.units[stage];
        const kind = stores.includes(stage) ? 'store' : 'step';
        const moving = rate > 0 ? ' moving' : '';
        const unused = welcoming.includes(stage) && !view.welcome ? ' unused' : '';
        return (
          <li key={stage} class={`${kind}${moving}${unused}`}>
            <span class="name">{words.stages[stage]}</span>
            <span class="count">{stage === 'uploads' ? shown.bytes(view.size) : shown.count(levels[stage])}</span>
            <span class="unit">{unit}</span>
            <span class="rate">{rate > 0 && words.perSecond(stage === 'uploads' ? shown.bytes(Math.round(rate)) : shown.rate(rate))}</span>
          </li>
        );
      })}
    </ol>
  );
}
