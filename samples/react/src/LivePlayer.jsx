import { useRef, useState } from 'react';

/** A live stream of the relay. React 19 passes properties and events on to the element as they are. */
export function LivePlayer({ name }) {
  const video = useRef(null);
  const [state, setState] = useState('idle');
  const [latency, setLatency] = useState(NaN);
  return (
    <>
      <sluice-video
        ref={video}
        src={`/watch/${name}`}
        muted
        autoplay
        controls
        style={{ display: 'block', width: '100%', aspectRatio: '16 / 9', background: '#000' }}
        onstatechange={(event) => setState(event.detail.name)}
        onlatency={(event) => setLatency(event.detail.latency)}
      />
      <p>
        {name}: {state}
        {Number.isNaN(latency) ? '' : `, ${latency.toFixed(2)} s from the camera`}
      </p>
      <button type="button" onClick={() => video.current.seekToLive()} disabled={state !== 'behind' && state !== 'paused'}>
        Go to live
      </button>
    </>
  );
}
