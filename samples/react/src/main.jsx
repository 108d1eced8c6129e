import { createRoot } from 'react-dom/client';
import { LivePlayer } from './LivePlayer.jsx';

createRoot(document.getElementById('root')).render(<LivePlayer name={new URLSearchParams(location.search).get('name') ?? 'demo'} />);
