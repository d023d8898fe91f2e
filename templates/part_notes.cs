<?cs if:?page.simulated ?>
<p class="banner">Simulated provider: no model is called, and the costs shown are not charged.</p>
<?cs /if ?>
<?cs if:?page.flash ?>
<p class="flash" role="status"><?cs var:page.flash ?></p>
<?cs /if ?>
