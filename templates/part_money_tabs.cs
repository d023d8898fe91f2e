<ul class="tabs" aria-label="Prices and budgets">
<li><a href="/prices"<?cs if:page.path == "/prices" ?> aria-current="page"<?cs /if ?>>Prices</a></li>
<li><a href="/budgets"<?cs if:page.path == "/budgets" ?> aria-current="page"<?cs /if ?>>Budgets</a></li>
</ul>
