/*
 * The administrator's program: one file for each subcommand.
 */
#ifndef CMD_PACKET_KEYS_H
#define CMD_PACKET_KEYS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { EXIT_CMD_USAGE = 2 };

/* argv[0] is the subcommand's name.  Returns the exit code. */
int cmd_fetch(const char *config, int argc, char **argv);
int cmd_status(const char *config, int argc, char **argv);
int cmd_list(const char *config, int argc, char **argv);
int cmd_explain(const char *config, int argc, char **argv);
int cmd_check(const char *config, int argc, char **argv);
int cmd_policy(const char *config, int argc, char **argv);
int cmd_deny(const char *config, int argc, char **argv);
int cmd_undeny(const char *config, int argc, char **argv);

/* Prints to standard error, with the program's name; returns code. */
int complain(int code, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Parses `[--json] [OPERAND]`: operand is NULL if there is none; with
 * operand NULL as a pointer none is allowed.  0, or -1 after a message.
 */
int parse_json_operand(int argc, char **argv, bool *json, const char **operand);
/* The same for up to max operands: how many there are, or -1. */
int parse_json_operands(
    int argc, char **argv, bool *json, const char **operands, int max);

/* Prints value, takes its reference; 0, or -1 after a message. */
int print_json(json_t *value);

/* A wall-clock stamp as "2026-11-22T19:15:59Z", "-" for 0 or none. */
char *stamp_text(char dst[32], int64_t ms);
/* The same as JSON: a string, or null. */
json_t *stamp_json(int64_t ms);
/* A string from disk or network as JSON, cleaned. */
json_t *clean_json(const char *s);

#endif
