<?cs # part_moves.cs: what a version may become now, a button each. ?>
<?cs each:move = d.moves ?>
<form method="post" action="<?cs var:link("/prompt-versions/" + d.id + "/status") ?>">
<input type="hidden" name="csrf" value="<?cs var:page.csrf ?>">
<input type="hidden" name="status" value="<?cs var:move.status ?>">
<input type="hidden" name="revision" value="<?cs var:d.revision ?>">
<button class="button" type="submit"><?cs var:move.verb ?><?cs if:move.status == "deployed" ?> to <?cs var:d.environments.0.environment ?><?cs /if ?></button>
</form>
<?cs /each ?>
