"""What serving and training cost, from the catalogue's prices."""
