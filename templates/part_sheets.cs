<?cs def:order(name, what) ?><dt><?cs var:name ?></dt><dd><?cs if:!?what.id ?>none yet<?cs elif:what.state == "waiting" ?>under way since <?cs call:when(what.requested_at) ?><?cs if:#what.next_row > #1 ?>, row <?cs var:count(what.next_row) ?><?cs /if ?>, asked for by <?cs var:what.requested_by ?><?cs elif:what.state == "failed" ?><strong class="failure">failed</strong> <?cs call:when(what.ended_at) ?>: <?cs var:what.problem ?><?cs elif:what.kind == "test" ?>written <?cs call:when(what.ended_at) ?> in <span class="mono"><?cs var:what.result.range ?></span><?cs else ?>made <?cs call:when(what.ended_at) ?> of <?cs var:count(what.result.rows) ?> rows: missing <?cs var:count(what.result.missing) ?>, doubled <?cs var:count(what.result.doubled) ?>, with other numbers <?cs var:count(what.result.differing) ?>, unknown <?cs var:count(what.result.unknown) ?><?cs /if ?></dd>
<?cs /def ?>
<div<?cs if:?d.is_live ?> data-live="1"<?cs /if ?> data-say="Rows written <?cs var:d.written ?>, waiting <?cs var:d.waiting ?>">
<?cs if:?d.problem ?>
<p class="banner banner-failure" role="alert"><strong><?cs var:d.problem ?></strong> Seen <?cs call:when(d.problem_at) ?>; rows wait, none is lost. The next try is at <time datetime="<?cs var:d.next_at ?>"><?cs var:moment(d.next_at) ?></time> or later; a test row is tried at once.</p>
<?cs /if ?>
<?cs if:?d.remark ?>
<p class="banner banner-warning"><?cs var:d.remark ?></p>
<?cs /if ?>
<ul class="tiles" aria-label="Rows">
<li class="tile"><span class="label">Written</span><span class="value"><?cs var:count(d.written) ?></span><span class="note"><?cs if:?d.last_written_at ?>the last <?cs call:when(d.last_written_at) ?><?cs else ?>none yet<?cs /if ?></span></li>
<li class="tile"><span class="label">Waiting</span><span class="value"><?cs var:count(d.waiting) ?></span><span class="note"><?cs if:?d.oldest_at ?>the oldest since <?cs call:when(d.oldest_at) ?><?cs else ?>nothing waits<?cs /if ?></span></li>
<li class="tile"><span class="label">Missing</span><span class="value"><?cs var:count(d.missing) ?></span><span class="note">by the last comparison</span></li>
</ul>
<dl class="facts">
<dt>Spreadsheet</dt><dd><span class="mono"><?cs var:d.spreadsheet_id ?></span>, tab <span class="mono"><?cs var:d.tab ?></span>, <?cs if:?d.is_on ?>on<?cs else ?>off<?cs /if ?></dd>
<dt>Share it with</dt><dd><?cs if:?d.address ?><span class="mono"><?cs var:d.address ?></span> as Editor<?cs else ?>unknown: no runner has read a key file yet<?cs /if ?></dd>
<dt>Runners set to write</dt><dd><?cs var:count(d.runners) ?><?cs if:?d.writer ?>; the last one at it: <?cs var:d.writer ?><?cs /if ?></dd>
<dt>Last rows</dt><dd><?cs if:?d.last_range ?><span class="mono"><?cs var:d.last_range ?></span><?cs else ?>none yet<?cs /if ?></dd>
<?cs if:d.unclear != "0" ?><dt>Sent, answer unclear</dt><dd><?cs var:count(d.unclear) ?>: they are looked for before they are sent again</dd>
<?cs /if ?><?cs call:order("Test row", d.test) ?><?cs call:order("Comparison", d.compare) ?></dl>
</div>
