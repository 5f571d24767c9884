/** The page's start: one connection, one live state, one tree. */
import { render } from 'preact';
import { connect } from './connection.ts';
import { createLive } from './live.ts';
import { Page } from './page.tsx';
import './style.css';

const live = createLive();
const connection = connect(live.receive, live.setConnection);
const root = document.getElementById('page');
if (root !== null) render(<Page live={live} connection={connection} />, root);
