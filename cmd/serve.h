/*
 * packet-keysd as a service: a supervisor that listens and has nothing to
 * lose, and a worker that it starts once somebody asks, which is confined,
 * has the token and fetches.  The worker ends by itself when nobody asks for
 * a while, or a file that it was started with has changed.
 */
#ifndef CMD_SERVE_H
#define CMD_SERVE_H

/*
 * Listens until SIGTERM or SIGINT; on a socket of systemd's also until the
 * worker is idle.  Logs.  Returns the exit code: 0, or 1 when it can't begin.
 */
int serve_run(const char *config);

/* How a worker ends. */
enum { WORKER_IDLE = 0, WORKER_FAILED = 1, WORKER_CHANGED = 3 };

/*
 * The worker's work: answers all who connect to the socket fd (reply.h),
 * after one fetch for however many of them.  Logs.  Returns its exit code.
 */
int serve_work(const char *config, int fd);

#endif
