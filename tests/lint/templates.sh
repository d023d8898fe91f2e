#!/usr/bin/env bash
# templates.sh: what templates may say, so that nothing from users reaches a browser unescaped.
. "$(dirname "${BASH_SOURCE[0]}")/lint.sh"

pages=(templates/*.cs)

grep -HnE '<\?cs *(alt|name|uvar|lvar|evar|linclude) *!?:' templates/*.cs templates/*/*.cs |
	expect_none "no command that prints raw text or runs data"

grep -HnE 'escape *: *"' templates/*.cs templates/*/*.cs |
	expect_none "the escape mode is set in one place, which is not a template"

grep -HnE '<\?cs *include *!? *:' templates/*.cs templates/*/*.cs | grep -vE 'include *!?: *"[^"]*" *\?>' |
	expect_none "includes name their file in quotes"

grep -HnE '=<\?cs' "${pages[@]}" | expect_none "attributes are quoted"

grep -HniE '<script(>| [^>]*>)[^<]|<style|[ "]style=|[ "]on[a-z]+=' "${pages[@]}" |
	expect_none "no script or style in a page"

grep -HnE '(href|src|action)="[^"]*<\?cs *var: *[^"]*"' "${pages[@]}" |
	grep -vE '(href|src|action)="(/[^"<]*)?(<\?cs *(var: *(link|url_escape)\(|if:|elif:|else|/if)[^>]*>|[^"<])*"' |
	grep -vE '(href|src|action)="/' |
	expect_none "addresses from data go through link()"

grep -HniE '<img ' "${pages[@]}" | grep -vi 'alt=' | expect_none "pictures have a text in their place"
