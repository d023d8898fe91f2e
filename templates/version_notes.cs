<?cs # version_notes.cs: everything that was noted on a version, and one more. ?>
<?cs include!"part_state.cs" ?><?cs include!"part_download.cs" ?>
<h1><?cs var:page.title ?></h1>
<?cs include!"part_errors.cs" ?>
<p><a href="<?cs var:link("/prompt-versions/" + d.prompt_version.id) ?>">Back to version <?cs var:d.prompt_version.version ?></a></p>
<?cs if:subcount(d.notes) == #0 ?>
<p>Nothing is noted.</p>
<?cs /if ?>
<?cs each:note = d.notes ?>
<div class="note"><p class="small muted"><?cs var:note.actor ?>, <?cs call:when(note.created_at) ?></p>
<p class="lines"><?cs var:note.note ?></p></div>
<?cs /each ?>
<?cs if:subcount(d.notes) > #0 ?><?cs call:download(page.csv.notes, "all notes") ?><?cs /if ?>
<?cs if:?d.next_cursor ?>
<nav class="pager" aria-label="Pages"><a rel="next" href="<?cs var:link("/prompt-versions/" + d.prompt_version.id + "/notes?cursor=" + d.next_cursor) ?>">Older notes</a></nav>
<?cs /if ?>
<?cs include!"part_note_form.cs" ?>
