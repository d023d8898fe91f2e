<?cs def:invalid(name) ?><?cs each:problem = page.errors ?><?cs if:problem.field == name ?> aria-invalid="true"<?cs /if ?><?cs /each ?> aria-describedby="<?cs var:name ?>-hint"<?cs /def ?>
<?cs def:hint(name, text) ?>
<p class="hint" id="<?cs var:name ?>-hint"><?cs each:problem = page.errors ?><?cs if:problem.field == name ?><strong class="error"><?cs var:problem.sentence ?></strong> <?cs /if ?><?cs /each ?><?cs var:text ?></p>
<?cs /def ?>
