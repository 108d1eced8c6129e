import { serveMixer } from './mixer-scope';

serveMixer(globalThis);
