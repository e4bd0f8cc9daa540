"""The JSON API and the uses behind every door: plain ``async def do(caller, command, key)``, to which routes adapt."""
