<?cs if:?page.problem ?>
<div class="error-summary" role="alert">
<?cs if:subcount(page.errors) == #1 && page.errors.0.sentence == page.problem ?>
<p><a href="<?cs var:link("#" + page.errors.0.field) ?>"><?cs var:page.problem ?></a></p>
<?cs else ?>
<p><?cs var:page.problem ?></p>
<?cs if:subcount(page.errors) > #0 ?>
<ul>
<?cs each:error = page.errors ?>
<li><a href="<?cs var:link("#" + error.field) ?>"><?cs var:error.sentence ?></a></li>
<?cs /each ?>
</ul>
<?cs /if ?>
<?cs /if ?>
</div>
<?cs /if ?>
