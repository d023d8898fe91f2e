# statements.awk: makes statements.h and statements.c out of the named statements in sql/*.sql.
#
#	awk -v out=src/db/statements -f src/db/statements.awk sql/*.sql
#
# writes src/db/statements.h and src/db/statements.c; nothing is written when a file is refused.
# A statement is "-- name: run_get" on a line of its own, then SQL up to one ';' at a line's end.
# Comments do not reach the server. Plain POSIX awk: mawk, gawk and busybox run it.

function refuse(message)
{
	printf "%s:%d: %s\n", FILENAME, FNR, message > "/dev/stderr"
	refused = 1
}

# Splits a line of SQL: `code` without its comment, `bare` with strings emptied as well.
function read_line(line,    i, c, quote)
{
	code = bare = ""
	quote = ""
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
		if (quote == "" && substr(line, i, 2) == "--")
			break
		if (quote == "" && (c == "'" || c == "\"")) {
			quote = c
			bare = bare c
		} else if (c == quote) {
			quote = ""
			bare = bare c
		} else if (quote == "") {
			bare = bare c
		}
		code = code c
	}
	if (quote != "")
		refuse("a quoted text must end on its line")
	sub(/[ \t\r]+$/, "", code)
	sub(/[ \t\r]+$/, "", bare)
}

function open_statement(name)
{
	close_statement()
	if (name !~ /^[a-z][a-z0-9_]*$/ || name == "none" || name == "count")
		refuse("a name is lower-case letters, digits and '_', not \"" name "\"")
	if (name in seen)
		refuse("\"" name "\" has been used before, in " seen[name])
	seen[name] = FILENAME
	current = name
	text = all = ""
	is_ended = 0
}

function close_statement()
{
	if (current == "")
		return
	if (text == "")
		refuse("statement \"" current "\" is empty")
	else if (!is_ended)
		refuse("statement \"" current "\" has no ';' at its end")
	names[++count] = current
	texts[count] = text
	params[count] = count_params(all)
	check_columns(all)
	current = ""
}

# The highest $n; a number below it that is missing would have no type.
function count_params(sql,    highest, used, n)
{
	split("", used)
	highest = 0
	while (match(sql, /\$[0-9]+/)) {
		n = substr(sql, RSTART + 1, RLENGTH - 1) + 0
		used[n] = 1
		if (n > highest)
			highest = n
		sql = substr(sql, RSTART + RLENGTH)
	}
	for (n = 1; n <= highest; n++)
		if (!(n in used))
			refuse("statement \"" current "\" does not use its parameter $" n)
	return highest
}

# Columns are listed: an added column must never change what a prepared statement returns.
function check_columns(sql)
{
	sql = " " tolower(sql) " "
	gsub(/[ \t\n]+/, " ", sql)
	if (sql ~ /[^a-z0-9_](select|returning|all|distinct) ?\*/ || sql ~ /, ?\*/ ||
	    sql ~ /[a-z0-9_"]\.\*/)
		refuse("statement \"" current "\" uses '*' in place of a list of columns")
}

function add_line()
{
	if (bare ~ /^[ \t]*$/)
		return
	if (current == "") {
		refuse("text before the first '-- name:'")
		return
	}
	if (is_ended)
		refuse("two statements under the name \"" current "\"")
	if (sub(/;$/, "", bare)) {
		sub(/;$/, "", code)
		is_ended = 1
	}
	if (index(bare, ";"))
		refuse("';' inside a line: two statements under the name \"" current "\"")
	text = text (text == "" ? "" : "\n") code
	all = all "\n" bare
}

# By character: awks differ in what backslashes mean in the replacement of gsub.
function escape(line,    i, c, result)
{
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
		result = result (c == "\\" || c == "\"" || c == "?" ? "\\" : "") c
	}
	return result
}

function c_string(sql,    lines, n, i, result)
{
	n = split(sql, lines, "\n")
	for (i = 1; i <= n; i++)
		result = result "\n\t\t\"" escape(lines[i]) (i < n ? "\\n" : "") "\""
	return result
}

FNR == 1 { close_statement() }

/^-- name:/ {
	sub(/^-- name:[ \t]*/, "")
	sub(/[ \t\r]+$/, "")
	open_statement($0)
	next
}

{
	read_line($0)
	add_line()
}

END {
	close_statement()
	if (out == "") {
		print "statements.awk: set -v out=PREFIX" > "/dev/stderr"
		refused = 1
	}
	if (refused)
		exit 1
	note = "made from the files in sql by statements.awk; edit those"
	header = out ".h"
	source = out ".c"
	print "/* statements.h: the named statements, " note ". */" > header
	print "#ifndef DB_STATEMENTS_H\n#define DB_STATEMENTS_H\n" > header
	print "enum sql {\n\tSQL_NONE," > header
	for (i = 1; i <= count; i++)
		print "\tSQL_" toupper(names[i]) "," > header
	print "\tSQL_COUNT\n};\n" > header
	print "struct sql_statement {" > header
	print "\tconst char *name;\n\tconst char *text;\n\tint params;\n};\n" > header
	print "/* SQL_COUNT rows; the one of SQL_NONE is empty. */" > header
	print "extern const struct sql_statement sql_statements[];\n\n#endif" > header
	close(header)
	print "/* statements.c: the named statements, " note ". */" > source
	print "#include \"db/statements.h\"\n" > source
	print "const struct sql_statement sql_statements[] = {" > source
	print "\t[SQL_NONE] = {\"\", \"\", 0}," > source
	for (i = 1; i <= count; i++)
		print "\t[SQL_" toupper(names[i]) "] = {\"" names[i] "\"," \
		    c_string(texts[i]) ", " params[i] "}," > source
	print "};" > source
	close(source)
}
