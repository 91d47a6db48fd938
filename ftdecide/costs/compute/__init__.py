"""What a fine-tuning run on GPUs needs: memory, speed, hours and money."""
