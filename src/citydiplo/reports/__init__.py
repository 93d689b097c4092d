"""Reports: run the papermill template for collectivities, and publish what it gives as pages."""
