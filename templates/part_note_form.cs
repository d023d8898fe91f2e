<?cs # part_note_form.cs: adds a note to the version of the page. ?>
<?cs if:page.role != "viewer" ?>
<form class="form" novalidate method="post" action="<?cs if:?d.prompt_version.id ?><?cs var:link("/prompt-versions/" + d.prompt_version.id + "/notes") ?><?cs else ?><?cs var:link("/prompt-versions/" + d.id + "/notes") ?><?cs /if ?>">
<input type="hidden" name="csrf" value="<?cs var:page.csrf ?>">
<div class="field">
<label for="note">Note</label>
<textarea id="note" name="note" rows="3" maxlength="4000" required><?cs var:page.values.note ?></textarea>
</div>
<p><button class="button" type="submit">Add the note</button></p>
</form>
<?cs /if ?>
