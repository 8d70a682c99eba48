"""What make needs: getting the engine, starting the local AWS, writing what is generated."""
