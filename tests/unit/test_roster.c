/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rosters as spreadsheets write them, and where one is wrong. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "collector/csv.h"
#include "collector/roster.h"

static json_t *read_roster(const char *text, struct error *err)
{
	*err = (struct error)ERROR_INIT;
	return roster_read(text, strlen(text), err);
}

static void expect_roster(const char *text, const char *expected)
{
	struct error err;
	json_t *students = read_roster(text, &err);
	cr_assert_not_null(students, "%s: %s", text, err.message);
	char *dump = json_dumps(students, JSON_COMPACT | JSON_SORT_KEYS);
	cr_assert_str_eq(dump, expected);
	free(dump);
	json_decref(students);
}

Test(roster, columns_are_named_and_may_be_in_any_order)
{
	expect_roster("student\na\nb\n", "[{\"student\":\"a\"},{\"student\":\"b\"}]");
	expect_roster("Name,STUDENT,guest,token\nAnna,s1,vm-1,0123456789ab",
	              "[{\"guest\":\"vm-1\",\"name\":\"Anna\",\"student\":\"s1\","
	              "\"token\":\"0123456789ab\"}]");
}

Test(roster, as_spreadsheets_write_it)
{
	static const char expected[] =
	        "[{\"name\":\"M\xc3\xbcller, A.\",\"student\":\"s1\"},{\"student\":\"s2\"}]";
	expect_roster("\xef\xbb\xbfstudent,name\r\ns1,\"M\xc3\xbcller, A.\"\r\ns2,\r\n", expected);
	expect_roster("student;name\r\n\r\ns1;M\xc3\xbcller, A.\r\n;\r\ns2;\r\n", expected);
	expect_roster("student\tname\ns1\tM\xc3\xbcller, A.\ns2", expected);
	expect_roster("student,name\rs1,\"M\xc3\xbcller, A.\"\rs2,\r", expected);
	expect_roster("student ; name\r\n s1 ;\" M\xc3\xbcller, A.\t\"\r\n   "
	              "\r\n\xc2\xa0;\r\ns2\xc2\xa0; \r\n",
	              expected);
	expect_roster("student,name\ns1,\"a \"\"b\"\"\nc\"\n",
	              "[{\"name\":\"a \\\"b\\\"\\nc\",\"student\":\"s1\"}]");
}

Test(roster, what_is_wrong_is_said_with_its_place)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ "", "line 1, column 1: expected a first line of column names (student,name) and "
		      "a student a line" },
		{ "student\n", "line 1, column 1: expected a first line of column names "
		               "(student,name) and a student a line" },
		{ "name\nx\n", "line 1, column 1: expected a column student" },
		{ "student,mail\nx,y\n",
		  "line 1, column 2: expected student, name, guest or token, found mail" },
		{ "student,name,name\nx,y,z\n", "line 1, column 3: a second column name" },
		{ "student\nx\ny\nx\n", "line 4, column 1: a second time: x" },
		{ "student\nx\ny\n x \n", "line 4, column 1: a second time: x" },
		{ "student,guest\nx,vm\ny,vm\n", "line 3, column 2: a second time: vm" },
		{ "student,name\nx,\"open\ny,z\n",
		  "line 2, column 2: a quote is opened and not closed" },
		{ "student,name\nx,\"a\"b\n",
		  "line 2, column 2: text behind a closing quote (a quote within is doubled)" },
		{ "student,name\nx,a\"b\n",
		  "line 2, column 2: a quote within a cell that does not begin with one" },
		{ "student,name\nx,\"1\n2\"\ny,z,w\n",
		  "line 4, column 3: more cells than the first line has" },
		{ "student,name\n,Anna\n", "line 2, column 1: the student is missing" },
		{ "student\na/b\n",
		  "line 2, column 1: no / and no control character may be in a/b" },
		{ "student,name\nx,a\x1b[31mb\n",
		  "line 2, column 2: no control character may be in a cell" },
		{ "student,name\nx,a\x7f\n",
		  "line 2, column 2: no control character may be in a cell" },
		{ "student\n..\n", "line 2, column 1: no / and no control character may be in .." },
		{ "student,name\nx,M\xfcller\n",
		  "line 2, column 2: no UTF-8: save it as \"CSV UTF-8\"" },
		{ "student,token\nx,0123456789abc\n",
		  "line 2, column 2: longer than it may be: 0123456789abc" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct error err;
		cr_assert_null(read_roster(rows[i].text, &err), "%s", rows[i].text);
		cr_assert_eq(err.code, ERROR_BAD_INPUT);
		cr_assert_str_eq(err.message, rows[i].message);
	}
	struct error err = ERROR_INIT;
	cr_assert_null(roster_read("student\nx\0y\n", 12, &err));
	cr_assert_str_eq(err.message,
	                 "line 2, column 1: a NUL byte: is this a text file in UTF-8?");
}

Test(csv, a_cell_is_quoted_where_it_must_be_and_is_never_a_formula)
{
	static const struct {
		const char *cell, *written;
	} rows[] = {
		{ "", "" },
		{ "plain text", "plain text" },
		{ "a,b", "\"a,b\"" },
		{ "a\"b", "\"a\"\"b\"" },
		{ "a\nb", "\"a\nb\"" },
		{ "=1+1", "\"'=1+1\"" },
		{ "+49", "\"'+49\"" },
		{ "-2", "\"'-2\"" },
		{ "@SUM(A1)", "\"'@SUM(A1)\"" },
		{ "\tx", "\"'\tx\"" },
		{ "\rx", "\"'\rx\"" },
		{ "1=1", "1=1" },
		/* where commas part no cells, other characters do */
		{ "x;=1+1", "\"x;'=1+1\"" },
		{ "x;\"=1+1\";y", "\"x;\"\"'=1+1\"\";y\"" },
		{ "a,-2\n @x\ty", "\"a,-2\n '@x\ty\"" },
		{ " =1", "\" '=1\"" },
		{ "\n=1", "\"\n'=1\"" },
		{ "\xef\xbc\x9d"
		  "1",
		  "\"'\xef\xbc\x9d"
		  "1\"" },
		{ "a;b; c-d", "\"a;b; c-d\"" },
		{ "a\x1b[31mb\x7f\x01", "a?[31mb??" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		cleanup_text struct text out = TEXT_INIT;
		csv_add(&out, rows[i].cell);
		cr_assert_str_eq(text_string(&out), rows[i].written);
	}
}

Test(csv, what_is_written_is_read_again)
{
	static const char *const cells[] = { "a",          "x\"y",    "1,2;3",
		                             "two\nlines", " blank ", "\xc3\xa9" };
	cleanup_text struct text out = TEXT_INIT;
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < 6; i++) {
		text_add(&out, i == 0 ? "" : ",");
		csv_add(&out, cells[i]);
	}
	json_t *lines, *rows = csv_read(text_string(&out), out.length, &lines, &err);
	cr_assert_not_null(rows, "%s", err.message);
	for (size_t i = 0; i < 6; i++)
		cr_assert_str_eq(json_string_value(json_array_get(json_array_get(rows, 0), i)),
		                 cells[i]);
	json_decref(rows);
	json_decref(lines);
}
