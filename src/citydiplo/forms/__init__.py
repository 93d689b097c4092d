"""The forms of the survey, each made from the questionnaire: to ask, to describe the answers, to plan the tables."""
