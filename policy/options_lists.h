/*
 * Inside options_merge_stricter (policy/options.h): the options that are
 * lists.  Each puts into out, which was empty, what a and b both allow; on a
 * clash it may hold part of that.  Pure.
 */
#ifndef POLICY_OPTIONS_LISTS_H
#define POLICY_OPTIONS_LISTS_H

#include "policy/options.h"

enum options_clash options_merge_principals(
    struct options *out, const char *a, const char *b);
enum options_clash options_merge_environment(
    struct words *out, const struct words *a, const struct words *b);
/* out is o's permitopen or permitlisten; where nothing is left, o loses
 * port forwarding. */
enum options_clash options_merge_permits(struct options *o, struct words *out,
    const struct words *a, const struct words *b);

#endif
