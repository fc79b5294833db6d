/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kleene's tables in full, and every test against every status of a fact. */
#include <criterion/criterion.h>

#include "report/condition.h"
#include "tests/lib/made_facts.h"

#define F      TRUTH_FALSE
#define T      TRUTH_TRUE
#define U      TRUTH_UNKNOWN
#define N      TRUTH_NOT_CHECKED
#define E      TRUTH_ERROR
#define TRUTHS 5

#define STR(...) #__VA_ARGS__

static const struct literal yes = { .kind = LITERAL_BOOL, .as.boolean = true };
static const struct literal no = { .kind = LITERAL_BOOL, .as.boolean = false };

static struct fact_set *facts;

/* Facts whose test `is true` comes out as each truth, under the keys t0 to t4. */
static void begin(void)
{
	facts = made_facts(STR({
		"t0" : false,
		"t1" : true,
		"t2" : { "status" : "denied", "why" : "not root" },
		"t3" : { "status" : "skipped", "why" : "passive" },
		"t4" : { "status" : "failed", "why" : "the register faults" }
	}));
}

static void end(void)
{
	fact_set_free(facts);
}

TestSuite(condition, .init = begin, .fini = end);

static const char *const keys[TRUTHS] = {
	[F] = "t0", [T] = "t1", [U] = "t2", [N] = "t3", [E] = "t4"
};

static struct condition is_true(const char *key)
{
	return (struct condition){
		.kind = CONDITION_IS, .fact = key, .literals = &yes, .literal_count = 1
	};
}

static enum truth both(enum condition_kind kind, int a, int b)
{
	struct condition parts[] = { is_true(keys[a]), is_true(keys[b]) };
	struct condition whole = { .kind = kind, .parts = parts, .part_count = 2 };
	return condition_evaluate(&whole, facts);
}

Test(condition, all_follows_the_whole_table)
{
	static const enum truth table[TRUTHS][TRUTHS] = {
		[F] = { [F] = F, [T] = F, [U] = F, [N] = F, [E] = F },
		[T] = { [F] = F, [T] = T, [U] = U, [N] = N, [E] = E },
		[U] = { [F] = F, [T] = U, [U] = U, [N] = U, [E] = E },
		[N] = { [F] = F, [T] = N, [U] = U, [N] = N, [E] = E },
		[E] = { [F] = F, [T] = E, [U] = E, [N] = E, [E] = E },
	};
	for (int a = 0; a < TRUTHS; a++)
		for (int b = 0; b < TRUTHS; b++)
			cr_expect_eq(both(CONDITION_ALL, a, b), table[a][b], "%d and %d", a, b);
}

Test(condition, any_follows_the_whole_table)
{
	static const enum truth table[TRUTHS][TRUTHS] = {
		[F] = { [F] = F, [T] = T, [U] = U, [N] = N, [E] = E },
		[T] = { [F] = T, [T] = T, [U] = T, [N] = T, [E] = T },
		[U] = { [F] = U, [T] = T, [U] = U, [N] = U, [E] = E },
		[N] = { [F] = N, [T] = T, [U] = U, [N] = N, [E] = E },
		[E] = { [F] = E, [T] = T, [U] = E, [N] = E, [E] = E },
	};
	for (int a = 0; a < TRUTHS; a++)
		for (int b = 0; b < TRUTHS; b++)
			cr_expect_eq(both(CONDITION_ANY, a, b), table[a][b], "%d or %d", a, b);
}

Test(condition, not_turns_yes_and_no_only)
{
	static const enum truth table[TRUTHS] = { [F] = T, [T] = F, [U] = U, [N] = N, [E] = E };
	for (int a = 0; a < TRUTHS; a++) {
		struct condition part = is_true(keys[a]);
		struct condition whole = { .kind = CONDITION_NOT, .parts = &part, .part_count = 1 };
		cr_expect_eq(condition_evaluate(&whole, facts), table[a], "not %d", a);
	}
}

Test(condition, empty_all_is_true_and_empty_any_false)
{
	struct condition all = { .kind = CONDITION_ALL };
	struct condition any = { .kind = CONDITION_ANY };
	cr_expect_eq(condition_evaluate(&all, facts), T);
	cr_expect_eq(condition_evaluate(&any, facts), F);
}

Test(condition, always_and_unknowable_ask_nothing)
{
	struct condition always = { .kind = CONDITION_ALWAYS, .literals = &yes };
	struct condition never = { .kind = CONDITION_ALWAYS, .literals = &no };
	struct condition unknowable = { .kind = CONDITION_UNKNOWABLE, .why = "nobody can" };
	cr_expect_eq(condition_evaluate(&always, facts), T);
	cr_expect_eq(condition_evaluate(&never, facts), F);
	cr_expect_eq(condition_evaluate(&unknowable, facts), N);
	cr_expect_str_eq(condition_because(&unknowable, facts, N), "nobody can");
}

#define INT(n)                                                                                     \
	{                                                                                          \
		.kind = LITERAL_INT, .as.integer = (n)                                             \
	}
#define HEX(n)                                                                                     \
	{                                                                                          \
		.kind = LITERAL_HEX, .as.hex = (n)                                                 \
	}
#define TEXT(s)                                                                                    \
	{                                                                                          \
		.kind = LITERAL_TEXT, .as.text = (s)                                               \
	}
#define ONE(operand) (const struct literal[]){ operand }, 1

/* One operator on one fact. */
struct row {
	enum condition_kind kind;
	const struct literal *literals;
	size_t literal_count;
	uint64_t mask;
	const char *fact; /* JSON; NULL: there is none */
	enum truth truth;
};

static void check(const struct row *row, int index)
{
	struct fact_set *one = fact_set_new();
	if (row->fact != NULL) {
		char json[256];
		snprintf(json, sizeof json, "{\"x\":%s}", row->fact);
		made_facts_add(one, json);
	}
	struct condition condition = { .kind = row->kind,
		                       .fact = "x",
		                       .literals = row->literals,
		                       .literal_count = row->literal_count,
		                       .mask = row->mask };
	cr_expect_eq(condition_evaluate(&condition, one), row->truth, "row %d: %s", index,
	             row->fact);
	fact_set_free(one);
}

/* Every operator with every status; what a value must be is in the next tests. */
Test(condition, a_status_other_than_observed_decides_by_itself)
{
	static const struct {
		enum condition_kind kind;
		struct literal literal;
		enum truth absent;
	} operators[] = {
		{ CONDITION_IS, { .kind = LITERAL_BOOL, .as.boolean = true }, F },
		{ CONDITION_IS, { .kind = LITERAL_BOOL, .as.boolean = false }, T },
		{ CONDITION_IS, TEXT("a"), F },
		{ CONDITION_IS, INT(0), F },
		{ CONDITION_IS, HEX(0), F },
		{ CONDITION_ONE_OF, { .kind = LITERAL_BOOL, .as.boolean = false }, T },
		{ CONDITION_ONE_OF, TEXT("a"), F },
		{ CONDITION_AT_LEAST, INT(0), F },
		{ CONDITION_AT_MOST, INT(0), F },
		{ CONDITION_HAS_BITS, HEX(0), F },
		{ CONDITION_MATCHES, TEXT("*"), F },
		{ CONDITION_UNIFORM, INT(0), T },
	};
	for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
		const struct row rows[] = {
			{ operators[i].kind, &operators[i].literal, 1, 0, "{\"status\":\"absent\"}",
			  operators[i].absent },
			{ operators[i].kind, &operators[i].literal, 1, 0, "{\"status\":\"denied\"}",
			  U },
			{ operators[i].kind, &operators[i].literal, 1, 0, "{\"status\":\"failed\"}",
			  E },
			{ operators[i].kind, &operators[i].literal, 1, 0,
			  "{\"status\":\"skipped\"}", N },
			{ operators[i].kind, &operators[i].literal, 1, 0, NULL, N },
		};
		for (int row = 0; row < 5; row++)
			check(&rows[row], (int)i * 5 + row);
	}
}

Test(condition, operators_compare_values)
{
	static const struct literal three[] = { INT(1), TEXT("b"), HEX(0x10) };
	const struct row rows[] = {
		{ CONDITION_IS, &yes, 1, 0, "true", T },
		{ CONDITION_IS, &yes, 1, 0, "false", F },
		{ CONDITION_IS, &no, 1, 0, "false", T },
		{ CONDITION_IS, &yes, 1, 0, "1", F },
		{ CONDITION_IS, &no, 1, 0, "0", F },
		{ CONDITION_IS, ONE(TEXT("ept")), 0, "\"ept\"", T },
		{ CONDITION_IS, ONE(TEXT("ept")), 0, "\"EPT\"", F },
		{ CONDITION_IS, ONE(INT(5)), 0, "5", T },
		{ CONDITION_IS, ONE(INT(5)), 0, "\"0x05\"", T },
		{ CONDITION_IS, ONE(INT(5)), 0, "\"5\"", F },
		{ CONDITION_IS, ONE(HEX(UINT64_MAX)), 0, "\"0xffffffffffffffff\"", T },
		{ CONDITION_IS, ONE(HEX(UINT64_MAX)), 0, "-1", F },
		{ CONDITION_IS, ONE(HEX(0)), 0, "\"0x\"", F },
		{ CONDITION_IS, ONE(HEX(0)), 0, "\"0x00000000000000000\"", F },
		{ CONDITION_ONE_OF, three, 3, 0, "1", T },
		{ CONDITION_ONE_OF, three, 3, 0, "\"b\"", T },
		{ CONDITION_ONE_OF, three, 3, 0, "\"0x0010\"", T },
		{ CONDITION_ONE_OF, three, 3, 0, "2", F },
		{ CONDITION_AT_LEAST, ONE(INT(2)), 0, "2", T },
		{ CONDITION_AT_LEAST, ONE(INT(2)), 0, "1", F },
		{ CONDITION_AT_LEAST, ONE(INT(2)), 0, "-3", F },
		{ CONDITION_AT_LEAST, ONE(INT(2)), 0, "\"many\"", E },
		{ CONDITION_AT_LEAST, ONE(INT(2)), 0, "true", E },
		{ CONDITION_AT_LEAST, ONE(HEX(0x8000000000000000)), 0, "\"0x8000000000000001\"",
		  T },
		{ CONDITION_AT_MOST, ONE(INT(8)), 0, "8", T },
		{ CONDITION_AT_MOST, ONE(INT(8)), 0, "9", F },
		{ CONDITION_AT_MOST, ONE(INT(8)), 0, "-9", T },
		{ CONDITION_HAS_BITS, ONE(HEX(0x5)), 0, "\"0x7\"", T },
		{ CONDITION_HAS_BITS, ONE(HEX(0x5)), 0, "\"0x4\"", F },
		{ CONDITION_HAS_BITS, ONE(HEX(0x21998e8c00000000)), 0, "\"0xfff9fffe0401e172\"",
		  T },
		{ CONDITION_HAS_BITS, ONE(HEX(0x21998e8c00000000)), 0, "\"0xdff9fffe0401e172\"",
		  F },
		{ CONDITION_HAS_BITS, ONE(HEX(0x5)), 0, "\"none\"", E },
		{ CONDITION_MATCHES, ONE(TEXT("8086:*")), 0, "\"8086:10d3\"", T },
		{ CONDITION_MATCHES, ONE(TEXT("8086:*")), 0, "\"15ad:07b0\"", F },
		{ CONDITION_MATCHES, ONE(TEXT("8086:*")), 0, "8086", E },
		{ CONDITION_UNIFORM, NULL, 0, 0, "5", T },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		check(&rows[i], (int)i);
}

Test(condition, a_mask_is_applied_first)
{
	/* IA32_VMX_BASIC of a KVM guest: 4 KiB VMCS, memory type 6. */
	const char basic[] = "\"0x00d8100011e57ed0\"";
	const struct row rows[] = {
		{ CONDITION_AT_MOST, ONE(HEX(0x100000000000)), 0x1fff00000000, basic, T },
		{ CONDITION_AT_MOST, ONE(HEX(0x0fff00000000)), 0x1fff00000000, basic, F },
		{ CONDITION_IS, ONE(HEX(0)), 0x1000000000000, basic, T },
		{ CONDITION_IS, ONE(HEX(0x18000000000000)), 0x3c000000000000, basic, T },
		{ CONDITION_IS, ONE(HEX(0)), 0x3c000000000000, basic, F },
		{ CONDITION_AT_LEAST, ONE(HEX(1)), 0x1, "\"0x2\"", F },
		{ CONDITION_IS, ONE(HEX(0)), 0x1, "\"text\"", E },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		check(&rows[i], (int)i);
}

Test(condition, a_list_holds_when_any_element_does)
{
	const struct row rows[] = {
		{ CONDITION_IS, ONE(TEXT("KVMKVMKVM")), 0, "[\"Microsoft Hv\",\"KVMKVMKVM\"]", T },
		{ CONDITION_IS, ONE(TEXT("KVMKVMKVM")), 0, "[\"Microsoft Hv\"]", F },
		{ CONDITION_IS, ONE(TEXT("KVMKVMKVM")), 0, "[]", F },
		{ CONDITION_MATCHES, ONE(TEXT("1af4:*")), 0, "[\"8086:10d3\",\"1af4:1041\"]", T },
		{ CONDITION_AT_LEAST, ONE(INT(3)), 0, "[1,2,3]", T },
		{ CONDITION_AT_LEAST, ONE(INT(3)), 0, "[1,\"x\"]", E },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		check(&rows[i], (int)i);
}

#define OBSERVED(value, ...)                                                                       \
	"{\"value\":" value ",\"exceptions\":[{\"cpus\":\"1-3\"," __VA_ARGS__ "}]}"

Test(condition, observed_is_never_in_doubt)
{
	const struct row rows[] = {
		{ CONDITION_OBSERVED, &yes, 1, 0, "false", T },
		{ CONDITION_OBSERVED, &yes, 1, 0, "[]", T },
		{ CONDITION_OBSERVED, &yes, 1, 0, "{\"status\":\"absent\"}", F },
		{ CONDITION_OBSERVED, &yes, 1, 0, "{\"status\":\"denied\"}", F },
		{ CONDITION_OBSERVED, &yes, 1, 0, "{\"status\":\"failed\"}", F },
		{ CONDITION_OBSERVED, &yes, 1, 0, "{\"status\":\"skipped\"}", F },
		{ CONDITION_OBSERVED, &yes, 1, 0, NULL, F },
		{ CONDITION_OBSERVED, &yes, 1, 0, OBSERVED("1", "\"status\":\"denied\""), T },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		check(&rows[i], (int)i);
	struct condition parts[] = { { .kind = CONDITION_OBSERVED, .fact = "t0" }, is_true("t3") };
	struct condition both_parts = { .kind = CONDITION_ALL, .parts = parts, .part_count = 2 };
	cr_expect_str_eq(condition_because(&both_parts, facts, N), "passive");
}

Test(condition, an_exception_must_hold_too)
{
	const struct row rows[] = {
		{ CONDITION_IS, &yes, 1, 0,
		  OBSERVED("true", "\"status\":\"observed\",\"value\":false"), F },
		{ CONDITION_IS, &yes, 1, 0,
		  OBSERVED("true", "\"status\":\"observed\",\"value\":true"), T },
		{ CONDITION_IS, &yes, 1, 0, OBSERVED("true", "\"status\":\"absent\""), F },
		{ CONDITION_IS, &yes, 1, 0, OBSERVED("true", "\"status\":\"denied\""), U },
		{ CONDITION_IS, &yes, 1, 0, OBSERVED("true", "\"status\":\"failed\""), E },
		{ CONDITION_IS, &yes, 1, 0, OBSERVED("true", "\"status\":\"skipped\""), N },
		{ CONDITION_IS, &yes, 1, 0, OBSERVED("true", "\"status\":\"gibberish\""), E },
		{ CONDITION_IS, &yes, 1, 0, OBSERVED("false", "\"status\":\"failed\""), F },
		{ CONDITION_IS, &yes, 1, 0,
		  OBSERVED("false", "\"status\":\"observed\",\"value\":true"), F },
		{ CONDITION_UNIFORM, NULL, 0, 0,
		  OBSERVED("1", "\"status\":\"observed\",\"value\":2"), F },
		{ CONDITION_UNIFORM, NULL, 0, 0, OBSERVED("1", "\"status\":\"absent\""), F },
		{ CONDITION_UNIFORM, NULL, 0, 0, OBSERVED("1", "\"status\":\"denied\""), U },
		{ CONDITION_UNIFORM, NULL, 0, 0,
		  "{\"status\":\"skipped\",\"exceptions\":[{\"cpus\":\"0\","
		  "\"status\":\"observed\",\"value\":1}]}",
		  N },
		{ CONDITION_UNIFORM, NULL, 0, 0,
		  "{\"status\":\"denied\",\"exceptions\":["
		  "{\"cpus\":\"0\",\"status\":\"observed\",\"value\":1},"
		  "{\"cpus\":\"1\",\"status\":\"observed\",\"value\":2}]}",
		  F },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		check(&rows[i], (int)i);
}

Test(condition, because_is_the_reason_of_the_first_test_that_came_out_so)
{
	struct condition parts[] = { is_true("t1"), is_true("t3"), is_true("t2"), is_true("t4") };
	struct condition all = { .kind = CONDITION_ALL, .parts = parts, .part_count = 3 };
	cr_expect_str_eq(condition_because(&all, facts, condition_evaluate(&all, facts)),
	                 "not root");
	all.part_count = 4;
	cr_expect_str_eq(condition_because(&all, facts, condition_evaluate(&all, facts)),
	                 "the register faults");
	struct condition missing = is_true("never.asked");
	cr_expect_str_eq(condition_because(&missing, facts, N), "not asked");
	made_facts_add(facts, STR({
		               "e" : {
			               "value" : true,
			               "exceptions" : [ {
					       "cpus" : "2",
					       "status" : "denied",
					       "why" : "CPU 2 is offline"
				       } ]
		               }
	               }));
	struct condition exception = is_true("e");
	cr_expect_str_eq(condition_because(&exception, facts, U), "CPU 2 is offline");
}

Test(condition, because_skips_what_was_settled_without_it)
{
	struct condition settled[] = { is_true("t0"), is_true("t3") };
	struct condition parts[] = {
		{ .kind = CONDITION_ALL, .parts = settled, .part_count = 2 },
		{ .kind = CONDITION_UNKNOWABLE, .why = "nobody can" },
	};
	struct condition any = { .kind = CONDITION_ANY, .parts = parts, .part_count = 2 };
	cr_expect_eq(condition_evaluate(&any, facts), N);
	cr_expect_str_eq(condition_because(&any, facts, N), "nobody can");
}

static void count(const char *key, void *context)
{
	(void)key;
	(*(int *)context)++;
}

Test(condition, evidence_is_what_bears_on_the_outcome)
{
	int visits = 0;
	struct condition sure[] = { { .kind = CONDITION_OBSERVED, .fact = "t0" }, is_true("t0") };
	struct condition moot[] = { { .kind = CONDITION_OBSERVED, .fact = "t3" }, is_true("t3") };
	struct condition not_moot = { .kind = CONDITION_NOT, .parts = moot, .part_count = 1 };
	struct condition guarded[] = { not_moot, is_true("t1"), is_true("t2") };
	struct condition parts[] = {
		{ .kind = CONDITION_ALL, .parts = sure, .part_count = 2 },
		{ .kind = CONDITION_ALL, .parts = moot, .part_count = 2 },
		{ .kind = CONDITION_ALL, .parts = guarded, .part_count = 3 },
	};
	struct condition any = { .kind = CONDITION_ANY, .parts = parts, .part_count = 3 };
	condition_visit_evidence(&any, facts, count, &visits);
	cr_expect_eq(visits, 3);
	visits = 0;
	condition_visit_facts(&any, count, &visits);
	cr_expect_eq(visits, 7);
}

Test(condition, when_nobody_can_know_bears_only_where_it_is_so)
{
	struct condition parts[] = { is_true("t0"),
		                     { .kind = CONDITION_UNKNOWABLE, .why = "nobody can" } };
	struct condition all = { .kind = CONDITION_ALL, .parts = parts, .part_count = 2 };
	int visits = 0;
	condition_visit_evidence(&all, facts, count, &visits);
	cr_expect_eq(visits, 0);
	parts[0] = is_true("t1");
	condition_visit_evidence(&all, facts, count, &visits);
	cr_expect_eq(visits, 1);
}

Test(condition, every_fact_is_visited_however_deep)
{
	int visits = 0;
	struct condition parts[] = { is_true("t1"), is_true("t3") };
	struct condition inner = { .kind = CONDITION_ANY, .parts = parts, .part_count = 2 };
	struct condition outer = { .kind = CONDITION_NOT, .parts = &inner, .part_count = 1 };
	condition_visit_facts(&outer, count, &visits);
	cr_expect_eq(visits, 2);
}
