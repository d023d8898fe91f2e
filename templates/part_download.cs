<?cs # part_download.cs: the link to a table's CSV, which keeps the filters of the page. ?>
<?cs def:download(href, what) ?><?cs if:?href ?><p class="small"><a href="<?cs var:link(href) ?>">Download CSV<span class="visually-hidden">: <?cs var:what ?></span></a></p>
<?cs /if ?><?cs /def ?>
