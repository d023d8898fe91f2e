<h1><?cs var:page.title ?></h1>
<p><?cs var:d.detail ?></p>
<?cs if:subcount(d.errors) > #0 ?>
<ul>
<?cs each:error = d.errors ?>
<li><?cs var:error.detail ?></li>
<?cs /each ?>
</ul>
<?cs /if ?>
<?cs if:subcount(page.typed) > #0 ?>
<h2>What you typed</h2>
<p>Nothing was saved. Copy it from here, or go back and send it again.</p>
<?cs each:typed = page.typed ?>
<div class="field">
<label for="typed-<?cs var:typed.name ?>"><?cs var:typed.name ?></label>
<textarea id="typed-<?cs var:typed.name ?>" readonly rows="3"><?cs var:typed.value ?></textarea>
</div>
<?cs /each ?>
<?cs /if ?>
<?cs if:d.status == "503" ?>
<p>This passes by itself as soon as the database answers again. Reload the page in a few seconds.</p>
<?cs elif:d.status == "404" ?>
<p>The address may be mistyped, or the object belongs to another account. Start from <a href="/">the first page</a>.</p>
<?cs elif:d.status == "401" ?>
<p><a href="/session">Sign in</a> in another tab, then go back and send the form again.</p>
<?cs else ?>
<p>Go back, or start from <a href="/">the first page</a>.</p>
<?cs /if ?>
<p class="muted">Request <code><?cs var:d.request_id ?></code>: name it when you report this.</p>
