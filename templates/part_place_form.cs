<?cs # part_place_form.cs: a form that changes what an environment serves, with a reason. ?>
<?cs def:place_form(action, place, verb, words, style) ?>
<details><summary><?cs var:verb ?>…</summary>
<form method="post" action="<?cs var:link(action) ?>">
<input type="hidden" name="csrf" value="<?cs var:page.csrf ?>">
<input type="hidden" name="environment" value="<?cs var:place.environment ?>">
<input type="hidden" name="replaces" value="<?cs var:place.version_id ?>">
<div class="field"><label for="reason-<?cs var:place.environment ?>">Reason</label>
<input id="reason-<?cs var:place.environment ?>" name="reason" maxlength="500"></div>
<button class="button button-<?cs var:style ?>" type="submit"><?cs var:words ?> <?cs var:place.environment ?></button>
</form></details>
<?cs /def ?>
