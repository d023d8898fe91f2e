<?cs if:?d.pause.paused_at ?>
<p class="banner banner-warning"><strong>Claims are paused</strong> since <time datetime="<?cs var:d.pause.paused_at ?>"><?cs var:moment(d.pause.paused_at) ?></time> by <?cs var:d.pause.paused_by ?>: queued runs wait.<?cs if:?page.is_operator ?> <a href="/runners">See the runners</a> to let them go on.<?cs /if ?></p>
<?cs /if ?>
