<?cs # part_cost_ranges.cs: links to the usual periods. ?>
<ul class="tabs" aria-label="Periods"><?cs each:range = page.ranges ?>
<li><a href="<?cs var:link(range.href) ?>"<?cs if:?range.is_current ?> aria-current="true"<?cs /if ?>><?cs var:range.days ?> days</a></li><?cs /each ?>
</ul>
