<?cs if:?page.problem ?>
<div class="error-summary" role="alert">
<p><?cs var:page.problem ?></p>
<?cs if:subcount(page.errors) > #0 ?>
<ul>
<?cs each:error = page.errors ?>
<li><a href="<?cs var:link("#" + error.field) ?>"><?cs var:error.sentence ?></a></li>
<?cs /each ?>
</ul>
<?cs /if ?>
</div>
<?cs /if ?>
