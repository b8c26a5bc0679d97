import { useEffect, useRef, useState } from 'preact/hooks';
import { connected } from '../connection.ts';
import { useWords } from '../language.ts';
import { useStore } from '../store.ts';

/** How long it is told that the connection is back, in milliseconds. */
const backMs = 4_000;

/** Says that the connection is lost, and that it is back. */
export function ConnectionBanner() {
  const { connection } = useWords();
  const isConnected = useStore(connected);
  const [isBack, setBack] = useState(false);
  const wasLost = useRef(false);
  useEffect(() => {
    if (!isConnected) {
      wasLost.current = true;
      setBack(false);
      return;
    }
    if (!wasLost.current) return;
    wasLost.current = false;
    setBack(true);
    const timer = setTimeout(() => setBack(false), backMs);
    return () => clearTimeout(timer);
  }, [isConnected]);
  return (
    <div role="status" class="connection">
      {!isConnected && <p class="lost">{connection.lost}</p>}
      {isBack && <p class="back">{connection.back}</p>}
    </div>
  );
}
