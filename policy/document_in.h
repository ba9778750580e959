/*
 * Inside policy/document.h: reading the tree, and saying where it is wrong.
 * Pure.
 */
#ifndef POLICY_DOCUMENT_IN_H
#define POLICY_DOCUMENT_IN_H

#include <jansson.h>

#include "policy/document.h"

struct doc {
	const char *text;
	size_t len;
	struct error *err;
	enum policy_result result; /* of the call that failed */
};

/* A step down the tree; the outermost value has none (NULL). */
struct place {
	const struct place *up;
	const char *name; /* NULL: an element of an array */
	size_t ordinal; /* jansson keeps the order of the text */
};

/* These set d->result and err, and return -1. */
int doc_bad(struct doc *d, const struct place *at, bool at_name,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
int doc_bad_at(struct doc *d, size_t offset, const char *why);
int doc_no_memory(struct doc *d);
/* "needs a string, not a number" */
int doc_type(
    struct doc *d, const struct place *at, const char *want, const json_t *got);
/* A syntax error or a name that stands twice. */
int doc_syntax(struct doc *d, const json_error_t *e);

/* Reads one value into what out points at; 0 or -1. */
typedef int (*doc_read)(
    struct doc *d, const struct place *at, json_t *value, void *out);

struct doc_field {
	const char *name;
	doc_read read;
	size_t offset; /* of the field in what out points at */
};

/* An object of these fields, and of no others. */
int doc_object(struct doc *d, const struct place *at, json_t *value,
    const struct doc_field *fields, size_t n, void *out);

/* A list of strings, each printable, not empty, at most LIMIT_TEXT bytes,
 * and none twice; read is called with each.  May be empty if the caller says
 * so. */
int doc_strings(struct doc *d, const struct place *at, json_t *value,
    bool may_be_empty, doc_read read, void *out);

/* The doc_read functions of the document's two kinds of parts. */
int doc_keys(struct doc *d, const struct place *at, json_t *value, void *out);
int doc_users(struct doc *d, const struct place *at, json_t *value, void *out);
int doc_groups(struct doc *d, const struct place *at, json_t *value, void *out);

#endif
