/*
 * Policies and accounts to be tried with one another, over the keys of
 * world_standard (policy_fixture.h) and some with tags.  Include it after
 * cmocka.h.
 */
#ifndef TESTS_UNIT_GRANTS_FIXTURE_H
#define TESTS_UNIT_GRANTS_FIXTURE_H

#include "cmd/grants.h"
#include "policy_fixture.h"

/* What stands behind the version, with ' for "; the first is none at all. */
static const char *const some_policies[] = {NULL, "'users':{}",
    "'users':{'root':{}}", "'users':{'alice':{},'root':{'tags':['ci']}}",
    "'users':{'*':{}}", "'users':{'*':{'owners':['%u@example.com']}}",
    "'users':{'*':{'options':'restrict'},'alice':{'roles':['admin']}}",
    "'users':{'*':{'owners':['%u@example.com']},'bob':{}},"
    "'groups':{'wheel':{'sources':['device']}}",
    "'groups':{'wheel':{},'ops':{'owners':['%u@example.com']}}",
    "'users':{'*':{'sources':['project']},'root':{'options':'from=\\'"
    "10.0.0.0/8\\''}},'groups':{'ops':{'options':'restrict'}}",
    "'keys':{'types':['ssh-ed25519'],'require_member':true},"
    "'users':{'alice':{},'*':{}}",
    "'users':{'root':{'options':'cert-authority'},'*':{'options':'pty'}}"};
#define SOME_POLICIES (sizeof(some_policies) / sizeof(some_policies[0]))

static const char *const some_users[] = {
    "root", "alice", "Alice", "bob", "deploy", "mallory", "*"};
#define SOME_USERS (sizeof(some_users) / sizeof(some_users[0]))

struct policies_world {
	struct world w;
	struct policy doc[SOME_POLICIES];
};

static inline void
policies_open(struct policies_world *pw)
{
	struct world *w = &pw->w;
	size_t i;

	world_standard(w);
	world_tag(
	    w, world_key(w, SOURCE_DEVICE, KEY_SKED, ALICE), "user:alice");
	world_tag(w, world_key(w, SOURCE_PROJECT, KEY_RSA3072, PROJECT), "ci");
	for (i = 1; i < SOME_POLICIES; i++) {
		world_doc(w, GRANT_FILE, some_policies[i]);
		pw->doc[i] = w->doc[GRANT_FILE];
		w->doc[GRANT_FILE] = (struct policy){.users = {NULL, 0}};
	}
	world_merge(w);
}

static inline void
policies_close(struct policies_world *pw)
{
	size_t i;

	for (i = 1; i < SOME_POLICIES; i++)
		policy_free(&pw->doc[i]);
	world_free(&pw->w);
}

/* The world under two of the policies. */
static inline struct judge_input
policies_in(struct policies_world *pw, size_t file, size_t fleet)
{
	struct judge_input in = pw->w.in;

	in.origin[GRANT_FILE] = (struct judge_origin){
	    file != 0, file == 0 ? NULL : &pw->doc[file], INT64_MAX};
	in.origin[GRANT_FLEET] = (struct judge_origin){
	    fleet != 0, fleet == 0 ? NULL : &pw->doc[fleet], INT64_MAX};
	return in;
}

#endif
