import { createApp } from 'vue';
import LivePlayer from './LivePlayer.vue';

createApp(LivePlayer, { name: new URLSearchParams(location.search).get('name') ?? 'demo' }).mount('#app');
