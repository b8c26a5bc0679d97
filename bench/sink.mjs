// A mail server that takes everything and keeps nothing: it tells its port, and on request how many mails came and in what time.
import { SMTPServer } from 'smtp-server';

let [count, first, last] = [0, 0, 0];
const server = new SMTPServer({
  disabledCommands: ['AUTH', 'STARTTLS'],
  logger: false,
  onData(stream, _session, done) {
    stream.resume();
    stream.on('end', () => {
      last = performance.now();
      first ||= last;
      count++;
      done();
    });
  },
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.server.address().port }));
process.on('message', (message) => {
  if (message === 'count') {
    process.send({ count, seconds: (last - first) / 1000 });
    [count, first, last] = [0, 0, 0];
  } else server.close(() => process.exit(0));
});
