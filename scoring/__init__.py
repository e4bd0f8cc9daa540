"""From a firm's lines to a chance of default with reasons. The only room with floats, pandas and xgboost."""
