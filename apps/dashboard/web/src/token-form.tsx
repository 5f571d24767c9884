/** Asks for the token where Flowloom wants one; it is kept for this browser tab only. */

export function TokenForm({ refused, use }: { refused: boolean; use(token: string): void }) {
  return (
    <main class="token">
      <h1>
        <img src="/icon.svg" alt="" width="28" height="28" /> Flowloom
      </h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const given = new FormData(event.currentTarget).get('token');
          if (typeof given === 'string' && given !== '') use(given);
        }}
      >
        <label for="token">Token</label>
        <input id="token" name="token" type="password" autocomplete="current-password" required />
        <button type="submit">Connect</button>
        {refused && <p role="alert">That is not the token that this Flowloom was started with.</p>}
        <p class="note">The operator set it as FLOWLOOM_TOKEN when Flowloom was started.</p>
      </form>
    </main>
  );
}
