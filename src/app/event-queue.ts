/** Turns pushed values into an async iterable: who makes events needn't wait for who reads them. */
export interface EventQueue<T> extends AsyncIterable<T> {
  push(value: T): void;
  end(): void;
}

export const createEventQueue = <T>(): EventQueue<T> => {
  const waiting: T[] = [];
  let ended = false;
  let wake: (() => void) | undefined;
  const poke = (): void => {
    wake?.();
    wake = undefined;
  };
  return {
    push(value) {
      waiting.push(value);
      poke();
    },
    end() {
      ended = true;
      poke();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        while (waiting.length > 0) yield waiting.shift() as T;
        if (ended) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
};
