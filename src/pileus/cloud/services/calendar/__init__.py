"""The calendar service: events, tasks and journals as complete as their iCalendar."""
