<?cs # part_diff.cs: lines of a difference: a sign and a mark for what changed, never colour alone. ?>
<?cs def:diff_text(line) ?><?cs if:subcount(line.parts) > #0 ?><span class="words"><?cs each:part = line.parts ?><?cs if:!?part.is_changed ?><?cs var:part.text ?><?cs elif:line.kind == "insert" ?><ins><?cs var:part.text ?></ins><?cs else ?><del><?cs var:part.text ?></del><?cs /if ?><?cs /each ?></span><?cs elif:line.kind == "insert" ?><ins><?cs var:line.text ?></ins><?cs elif:line.kind == "delete" ?><del><?cs var:line.text ?></del><?cs else ?><?cs var:line.text ?><?cs /if ?><?cs if:?line.is_cr ?><span class="muted" title="The line ends with a carriage return.">␍</span><?cs /if ?><?cs if:?line.no_newline ?><span class="muted small"> (no line end)</span><?cs /if ?><?cs /def ?>
<?cs def:diff_sign(line) ?><?cs if:line.kind == "insert" ?>+<?cs elif:line.kind == "delete" ?>−<?cs /if ?><?cs /def ?>
<?cs def:diff_head(hunk, columns) ?><tr class="hunk"><th scope="rowgroup" colspan="<?cs var:columns ?>">Line <?cs var:hunk.old_from ?>, <?cs var:hunk.old_count ?> long → line <?cs var:hunk.new_from ?>, <?cs var:hunk.new_count ?> long</th></tr><?cs /def ?>
<?cs def:diff_unified(hunks) ?>
<table class="diff">
<caption class="visually-hidden">Changed lines</caption>
<thead class="visually-hidden"><tr><th scope="col">Old line</th><th scope="col">New line</th><th scope="col">Change</th><th scope="col">Text</th></tr></thead>
<?cs each:hunk = hunks ?><tbody id="line-<?cs var:hunk.new_from ?>">
<?cs call:diff_head(hunk, #4) ?>
<?cs each:line = hunk.lines ?><tr class="<?cs var:line.kind ?>"><td class="number"><?cs var:line.old ?></td><td class="number"><?cs var:line.new ?></td><td class="sign"><?cs call:diff_sign(line) ?></td><td class="text"><?cs call:diff_text(line) ?></td></tr>
<?cs /each ?></tbody>
<?cs /each ?></table>
<?cs /def ?>
<?cs def:diff_cells(line, number) ?><?cs if:?line.kind ?><td class="number <?cs var:line.kind ?>"><?cs var:number ?></td><td class="sign <?cs var:line.kind ?>"><?cs call:diff_sign(line) ?></td><td class="text <?cs var:line.kind ?>"><?cs call:diff_text(line) ?></td><?cs else ?><td class="number none"></td><td class="sign none"></td><td class="text none"></td><?cs /if ?><?cs /def ?>
<?cs def:diff_side(hunks) ?>
<table class="diff side">
<caption class="visually-hidden">Changed lines, old and new side by side</caption>
<colgroup><col class="number"><col class="sign"><col><col class="number"><col class="sign"><col></colgroup>
<thead class="visually-hidden"><tr><th scope="col">Old line</th><th scope="col">Change</th><th scope="col">Old text</th><th scope="col">New line</th><th scope="col">Change</th><th scope="col">New text</th></tr></thead>
<?cs each:hunk = hunks ?><tbody id="line-<?cs var:hunk.new_from ?>">
<?cs call:diff_head(hunk, #6) ?>
<?cs each:row = hunk.rows ?><tr><?cs call:diff_cells(row.old, row.old.old) ?><?cs call:diff_cells(row.new, row.new.new) ?></tr>
<?cs /each ?></tbody>
<?cs /each ?></table>
<?cs /def ?>
