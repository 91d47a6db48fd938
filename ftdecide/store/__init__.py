"""What is kept between visits: assessments, runs and their answers."""
