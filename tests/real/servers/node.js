// SPDX-License-Identifier: GPL-2.0-only
// node.js - a web server whose answers come from libuv's pool and from two worker threads
'use strict';
const crypto = require('crypto');
const http = require('http');
const { Worker, isMainThread, parentPort } = require('worker_threads');

if (isMainThread) {
	const workers = [new Worker(__filename), new Worker(__filename)];
	const pending = new Map();
	let requests = 0;

	for (const worker of workers)
		worker.on('message', ({ id, text }) => {
			pending.get(id).end(text);
			pending.delete(id);
		});
	http.createServer((request, response) => {
		crypto.pbkdf2('nowake', 'salt', 1000, 16, 'sha256', (error, key) => {
			const id = requests++;

			pending.set(id, response);
			workers[id % workers.length].postMessage({ id, text: key.toString('hex') });
		});
	}).listen(Number(process.argv[2]), '127.0.0.1');
} else {
	parentPort.on('message', ({ id, text }) => {
		parentPort.postMessage({ id, text: `node-${text}` });
	});
}
