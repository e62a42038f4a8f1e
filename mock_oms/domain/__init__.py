"""The simulation: lifecycle, stock, planner and world; it knows neither HTTP nor files, clocks nor Faker."""
