import { css } from 'lit';

/** A select whose own look is unset still shows that there is more to choose from: beside the styles that unset it. */
export const selectStyles = css`
  select { padding-right: 32px; text-overflow: ellipsis; overflow: hidden; white-space: nowrap; background:
    linear-gradient(45deg, transparent 50%, var(--pl-ink-soft) 50%) calc(100% - 17px) 55% / 5px 5px no-repeat,
    linear-gradient(-45deg, transparent 50%, var(--pl-ink-soft) 50%) calc(100% - 12px) 55% / 5px 5px no-repeat,
    var(--pl-sunken); }
`;
