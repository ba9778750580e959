/* SPDX-License-Identifier: ISC */
/*
 * Runs several commands in turn, many times, and prints for each the median
 * wall time, the least CPU time and the peak memory:
 *
 *	timing ROUNDS NAME COMMAND [ARG …] -- NAME COMMAND [ARG …] -- …
 *
 * Taking turns spreads the noise of a busy machine over all of them alike.
 * Output of the commands is thrown away.  One tab-separated line each:
 * name, median ms, least ms, least CPU ms, peak KiB, failures.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#define MAX_COMMANDS 16

extern char **environ;

struct command {
	const char *name;
	char **argv;
	double *wall;
	double cpu;
	long peak;
	int failures;
};

static double
now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static double
timeval_ms(struct timeval tv)
{
	return (double)tv.tv_sec * 1e3 + (double)tv.tv_usec / 1e3;
}

static int
run(struct command *c, int round, const posix_spawn_file_actions_t *actions)
{
	struct rusage use;
	double start = now_ms(), cpu;
	int status, r;
	pid_t pid;

	r = posix_spawn(&pid, c->argv[0], actions, NULL, c->argv, environ);
	if (r != 0) {
		(void)fprintf(stderr, "%s: %s\n", c->argv[0], strerror(r));
		return -1;
	}
	while (wait4(pid, &status, 0, &use) == -1) {
		if (errno != EINTR)
			return -1;
	}
	c->wall[round] = now_ms() - start;
	cpu = timeval_ms(use.ru_utime) + timeval_ms(use.ru_stime);
	if (round == 0 || cpu < c->cpu)
		c->cpu = cpu;
	if (use.ru_maxrss > c->peak)
		c->peak = use.ru_maxrss;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		c->failures++;
	return 0;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static size_t
parse(int argc, char **argv, struct command *c, int rounds)
{
	size_t n = 0;
	int i = 2;

	while (i + 1 < argc && n < MAX_COMMANDS) {
		c[n].name = argv[i];
		c[n].argv = &argv[i + 1];
		c[n].wall = calloc((size_t)rounds, sizeof(double));
		if (c[n].wall == NULL)
			return 0;
		n++;
		while (i < argc && strcmp(argv[i], "--") != 0)
			i++;
		if (i < argc)
			argv[i++] = NULL;
	}
	return n;
}

int
main(int argc, char **argv)
{
	static struct command c[MAX_COMMANDS];
	posix_spawn_file_actions_t actions;
	int rounds = argc > 1 ? atoi(argv[1]) : 0, round;
	size_t i, n;

	if (rounds < 1 || (n = parse(argc, argv, c, rounds)) == 0)
		return 2;
	if (posix_spawn_file_actions_init(&actions) != 0 ||
	    posix_spawn_file_actions_addopen(
		&actions, 1, "/dev/null", O_WRONLY, 0) != 0)
		return 1;
	for (round = 0; round < rounds; round++) {
		for (i = 0; i < n; i++) {
			if (run(&c[i], round, &actions) == -1)
				return 1;
		}
	}
	for (i = 0; i < n; i++) {
		qsort(c[i].wall, (size_t)rounds, sizeof(double), compare);
		(void)printf("%s\t%.3f\t%.3f\t%.3f\t%ld\t%d\n", c[i].name,
		    c[i].wall[rounds / 2], c[i].wall[0], c[i].cpu, c[i].peak,
		    c[i].failures);
		free(c[i].wall);
	}
	return 0;
}
